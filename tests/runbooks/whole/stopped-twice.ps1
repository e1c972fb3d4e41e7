function Stop-Everything($c) {
    Stop-CsWindowsService -ComputerName $c -Graceful
    Invoke-Command -ComputerName $c -ScriptBlock { Stop-Service W3SVC -Force; Set-Service -Name RTCSRV -StartupType Manual }
}
Stop-Everything 'fe1.'.TrimEnd('.')
Invoke-Command -ComputerName fe1 -ScriptBlock { cmd /c "C:\CU\setup.exe /quiet" }
Stop-CsWindowsService -ComputerName fe1   # should have been Start-
