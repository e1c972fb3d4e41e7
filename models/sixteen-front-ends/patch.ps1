param([string[]] $Servers)

foreach ($server in $Servers) {
    do {
        Start-Sleep -Seconds 60
        $state = Get-CsPoolFabricState -PoolFqdn pool1 | Out-String
    } while ($state -match 'missing')
    Invoke-CsComputerFailOver -ComputerName $server
    Invoke-Command -ComputerName $server -ScriptBlock { .\SkypeServerUpdateInstaller.exe }
    Invoke-CsComputerFailBack -ComputerName $server
}
