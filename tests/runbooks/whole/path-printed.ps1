$setup = "C:\CU\SkypeServerUpdateInstaller.exe"
Stop-CsWindowsService -ComputerName fe1
$setup
Start-CsWindowsService -ComputerName fe1
