Stop-CsWindowsService -ComputerName med1
Stop-CsWindowsService -ComputerName med2

Invoke-CsDatabaseFailover -PoolFqdn pool1 -DatabaseType User -NewPrincipal Mirror
Stop-Principal
foreach ($server in 'fe1', 'fe2', 'fe3') {
    Invoke-CsComputerFailOver -ComputerName $server
    Invoke-Command -ComputerName $server -ScriptBlock { .\SkypeServerUpdateInstaller.exe }
    Invoke-CsComputerFailBack -ComputerName $server
}
Start-Principal

Start-CsWindowsService -ComputerName med1
Start-CsWindowsService -ComputerName med2
