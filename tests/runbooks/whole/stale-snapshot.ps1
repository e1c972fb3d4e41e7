$server = 'fe2'
Stop-CsWindowsService -ComputerName $server -Graceful -NoWait
$svc = Get-CsWindowsService -ComputerName $server
while ($svc | Where-Object { $_.Status -ne 'Stopped' }) {
    Write-Host '.' -NoNewline
    Start-Sleep 10
}
Restart-Computer -ComputerName $server -Wait -Force
