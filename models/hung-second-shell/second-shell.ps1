# Ends what a fail-over of fe1 waits for: stops the conferencing services once they are paused.
do {
    Start-Sleep -Seconds 30
    $services = Get-CsWindowsService -ComputerName fe1
    $state = ($services | Where-Object { $_.Name -eq 'RTCAVMCU' }).Status
} until ($state -ne 'Running')

foreach ($name in 'RTCASMCU', 'RTCAVMCU', 'RTCDATAMCU', 'RTCIMMCU') {
    Stop-CsWindowsService -Name $name -ComputerName fe1
}
