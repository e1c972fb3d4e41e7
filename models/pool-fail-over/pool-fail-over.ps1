# The order of the vendor's page: Edge next hop, management store, pool.
Set-CsEdgeServer -Identity EdgeServer:edgepool -Registrar Registrar:pool2

Invoke-CsManagementServerFailover
do {
    Start-Sleep -Seconds 60
} until ((Get-CsManagementStoreReplicationStatus).UpToDate)

Invoke-CsPoolFailOver -PoolFqdn pool1

foreach ($server in 'fe1', 'fe2', 'fe3') {
    Invoke-Command -ComputerName $server -ScriptBlock { .\SkypeServerUpdateInstaller.exe }
}

Invoke-CsPoolFailBack -PoolFqdn pool1
Set-CsEdgeServer -Identity EdgeServer:edgepool -Registrar Registrar:pool1
