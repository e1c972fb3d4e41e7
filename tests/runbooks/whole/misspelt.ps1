Stop-CsWindowsServices -ComputerName fe1
