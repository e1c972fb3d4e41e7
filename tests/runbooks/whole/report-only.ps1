$report = foreach ($pool in Get-CsPool) {
    foreach ($c in $pool.Computers) {
        [PSCustomObject]@{ Pool = $pool.Fqdn; Computer = $c; Stopped = (Get-CsWindowsService -ComputerName $c | where Status -eq Stopped).Count }
    }
}
$report | Sort-Object Stopped -Descending | Export-Csv C:\report.csv -NoTypeInformation
