$list = "fe1","fe2"
foreach ($fe in $list) {
    try { Invoke-CsComputerFailOver -ComputerName $fe -Confirm:$false }
    catch { Write-Error "could not fail over $fe"; exit 1 }
    Invoke-Command -ComputerName $fe { & C:\CU\SkypeServerUpdateInstaller.exe /silentmode }
    Restart-Computer $fe -Wait -For WinRM -Force
    Invoke-CsComputerFailBack -ComputerName $fe -Confirm:$false
    do { sleep 60 } while ((Get-CsPoolFabricState -PoolFqdn pool1) -match 'missing')
}
