$pool = (Get-CsPool pool1).Computers
foreach ($c in $pool) {
    if (-not (Test-Connection -ComputerName $c -Count 1 -Quiet)) {
        Write-Host "$c does not answer, stopping here"
        Break
    }
}
foreach ($c in $pool) {
    Stop-CsWindowsService -ComputerName $c
    Start-CsWindowsService -ComputerName $c
}
