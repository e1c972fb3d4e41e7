Invoke-CsComputerFailOver fe1 -Confirm:$false
Invoke-Command fe1 { & 'C:\CU\SkypeServerUpdateInstaller.exe' /silentmode }
Invoke-CsComputerFailBack fe1 -Confirm:$false
