$computers = (Get-CsPool -Identity pool1).Computers
foreach ($computer in $computers) {
    Write-Host "Starting $computer"
    Start-CsWindowsService -ComputerName $computer
}
