<#
.SYNOPSIS
    Patches the front ends of a pool one after the other.
.DESCRIPTION
    The documented order: take one server out, patch it, restart it, bring it back. Between two servers the
    script waits until the pool says that it is ready, which the documented page leaves to the operator.
.EXAMPLE
    .\patch.ps1 -PoolFqdn pool1.example.net
#>
param(
    [Parameter(Mandatory)] [string] $PoolFqdn,
    [int] $PollSeconds = 60
)

foreach ($server in (Get-CsPool -Identity $PoolFqdn).Computers) {
    # Every routing group must be whole before a server goes.
    do {
        Start-Sleep -Seconds $PollSeconds
        $readiness = Invoke-Command -ComputerName $server -ScriptBlock { Get-CsPoolUpgradeReadinessState }
    } until ($readiness.State -eq 'Ready')

    Write-Host "Patching $server"
    Invoke-CsComputerFailOver -ComputerName $server -Confirm:$false -ErrorAction Stop
    Invoke-Command -ComputerName $server -ScriptBlock { .\SkypeServerUpdateInstaller.exe /silentmode }
    Restart-Computer -ComputerName $server -Wait -For PowerShell -Force
    Invoke-CsComputerFailBack -ComputerName $server -Confirm:$false
}
