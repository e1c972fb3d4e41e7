# Ends what a fail-over of fe1 waits for: looks which conferencing services still drain, and stops them.
foreach ($name in 'RTCASMCU', 'RTCAVMCU', 'RTCDATAMCU', 'RTCIMMCU') {
    $service = Get-CsWindowsService -Name $name -ComputerName fe1
    if ($service.Status -eq 'Paused') {
        Stop-CsWindowsService -Name $name -ComputerName fe1
    }
}
