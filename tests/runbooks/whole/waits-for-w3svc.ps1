$pool = Get-CsPool pool1
foreach ($name in $pool.Computers) {
    Restart-Computer -ComputerName $name -Force
    Start-Sleep -Seconds 120
    do {
        Start-Sleep -Seconds 10
        $w3 = Get-Service -ComputerName $name -Name W3SVC
    } until ($w3.Status -eq 'Running')
}
