<#
.SYNOPSIS
    Patches the front ends of a pool, one after the other.
.EXAMPLE
    .\rolling-with-functions.ps1 -PoolFqdn pool1.contoso.example
    Invoke-CsComputerFailOver would then be called for each server.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidateNotNullOrEmpty()] [string] $PoolFqdn,
    [string] $Installer = 'C:\CU\SkypeServerUpdateInstaller.exe',
    [int] $MaxTries = 40
)
$ErrorActionPreference = 'Stop'

function Write-Log([string] $Text, [string] $Level = 'INFO') {
    "{0} {1} {2}" -f (Get-Date -Format s), $Level, $Text | Out-File -FilePath "$env:TEMP\patch.log" -Append
    Write-Host $Text
}

function Wait-Pool {
    param([string] $Pool, [int] $Tries)
    for ($try = 1; $try -le $Tries; $try++) {
        $state = Get-CsPoolFabricState -PoolFqdn $Pool
        if ($state -notmatch 'missing|no primary') { Write-Log "pool is whole"; return $true }
        Write-Log "try $try of $Tries"
        Start-Sleep -Seconds 30
    }
    return $false
}

function Update-FrontEnd {
    param([string] $Server)
    Write-Log "failing over $Server"
    Invoke-CsComputerFailOver -ComputerName $Server -Confirm:$false
    try {
        Invoke-Command -ComputerName $Server -ScriptBlock {
            param($Path)
            Start-Process -FilePath $Path -ArgumentList '/silentmode' -Wait
        } -ArgumentList $Installer
        Restart-Computer -ComputerName $Server -Force -Wait -For PowerShell -Timeout 1800
    }
    finally {
        Invoke-CsComputerFailBack -ComputerName $Server -Confirm:$false
    }
}

Import-Module SkypeForBusiness
foreach ($frontEnd in (Get-CsPool -Identity $PoolFqdn).Computers) {
    if (-not (Wait-Pool -Pool $PoolFqdn -Tries $MaxTries)) {
        Write-Log "the pool does not become whole" 'ERROR'
        throw "Pool is not ready for $frontEnd"
    }
    Update-FrontEnd -Server $frontEnd
}
Write-Log 'done'
