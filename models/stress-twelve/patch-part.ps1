<#
.SYNOPSIS
    Patches some front ends of a pool one after the other.
.DESCRIPTION
    Two people share a large pool: each runs this script on a half of it. The script waits until the pool
    says that it is ready, and does not know of the other one.
.EXAMPLE
    .\patch-part.ps1 -Servers fe1, fe2, fe3
#>
param(
    [Parameter(Mandatory)] [string[]] $Servers,
    [int] $PollSeconds = 60
)

foreach ($server in $Servers) {
    # Every routing group must be whole before a server goes.
    do {
        Start-Sleep -Seconds $PollSeconds
        $readiness = Invoke-Command -ComputerName $server -ScriptBlock { Get-CsPoolUpgradeReadinessState }
    } until ($readiness.State -eq 'Ready')

    Write-Host "Patching $server"
    Invoke-CsComputerFailOver -ComputerName $server -Confirm:$false
    Invoke-Command -ComputerName $server -ScriptBlock { .\SkypeServerUpdateInstaller.exe /silentmode }
    Restart-Computer -ComputerName $server -Wait -For PowerShell -Force
    Invoke-CsComputerFailBack -ComputerName $server -Confirm:$false
}
