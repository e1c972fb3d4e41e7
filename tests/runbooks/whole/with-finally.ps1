$ErrorActionPreference = "Stop"
$server = "fe1"
try {
    Stop-CsWindowsService -ComputerName $server
    Invoke-Command -ComputerName $server -ScriptBlock { & msiexec.exe /p C:\CU\Server.msp /qn }
    Restart-Service -Name RTCCLSAGT
}
finally {
    Start-CsWindowsService -ComputerName $server -ErrorAction Continue
}
