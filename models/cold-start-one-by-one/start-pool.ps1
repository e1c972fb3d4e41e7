param([Parameter(Mandatory)] [string] $PoolFqdn)

foreach ($server in (Get-CsPool -Identity $PoolFqdn).Computers) {
    Start-CsWindowsService -ComputerName $server
}
