# Patches every front end of a pool, one after the other, after the vendor's procedure.
# Replace the installer by yours; keep the gate before each server and the fail-back after it.
param(
    [Parameter(Mandatory = $true)]
    [string] $PoolFqdn
)

$servers = (Get-CsPool -Identity $PoolFqdn).Computers

foreach ($server in $servers) {
    # Go on only while every routing group has all its replicas. The cmdlet runs on a front end of the
    # pool and nowhere else.
    do {
        Start-Sleep -Seconds 60
        $state = Invoke-Command -ComputerName $server -ScriptBlock { Get-CsPoolUpgradeReadinessState }
    } until ($state.State -eq 'Ready')

    Invoke-CsComputerFailOver -ComputerName $server -ErrorAction Stop
    Install-Patch -ComputerName $server
    Restart-Computer -ComputerName $server -Wait -Force
    Invoke-CsComputerFailBack -ComputerName $server -ErrorAction Stop
}
