# Back End: the principal, while the mirror serves.
Invoke-CsDatabaseFailover -PoolFqdn pool1 -DatabaseType User -NewPrincipal Mirror
Stop-Principal
Start-Principal
Invoke-CsDatabaseFailover -PoolFqdn pool1 -DatabaseType User -NewPrincipal Primary

# Front ends, one at a time.
foreach ($server in 'fe1', 'fe2', 'fe3') {
    do {
        Start-Sleep -Seconds 60
        $state = Get-CsPoolFabricState -PoolFqdn pool1 | Out-String
    } while ($state -match 'missing')
    Invoke-CsComputerFailOver -ComputerName $server
    Invoke-Command -ComputerName $server -ScriptBlock { .\SkypeServerUpdateInstaller.exe }
    Invoke-CsComputerFailBack -ComputerName $server
}

# Mediation and Edge, one at a time, each on its own server.
foreach ($server in 'med1', 'med2', 'edge1', 'edge2') {
    Invoke-Command -ComputerName $server -ScriptBlock {
        Stop-CsWindowsService -Graceful
        .\SkypeServerUpdateInstaller.exe
        Start-CsWindowsService
    }
}
