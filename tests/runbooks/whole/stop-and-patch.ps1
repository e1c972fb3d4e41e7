Stop-CsWindowsService -ComputerName fe1
Invoke-Command -ComputerName fe1 { & 'C:\CU\SkypeServerUpdateInstaller.exe' }
Start-CsWindowsService -ComputerName fe1
