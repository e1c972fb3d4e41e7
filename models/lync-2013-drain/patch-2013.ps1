# Readiness, drain, patch, restart: the order that Lync Server 2013 documents.
param([Parameter(Mandatory)] [string] $PoolFqdn)

foreach ($server in (Get-CsPool -Identity $PoolFqdn).Computers) {
    do {
        Start-Sleep -Seconds 600
        $readiness = Invoke-Command -ComputerName $server -ScriptBlock { Get-CsPoolUpgradeReadinessState }
    } until ($readiness.State -eq 'Ready')

    Stop-CsWindowsService -ComputerName $server -Graceful
    Invoke-Command -ComputerName $server -ScriptBlock { .\LyncServerUpdateInstaller.exe /silentmode }
    Restart-Computer -ComputerName $server -Wait -For PowerShell -Force
    do {
        Start-Sleep -Seconds 30
        $service = Get-CsWindowsService -Name RTCSRV -ComputerName $server
    } until ($service.Status -eq 'Running')
}
