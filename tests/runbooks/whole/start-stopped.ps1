# scheduled: makes sure that nothing is left stopped
Get-CsWindowsService -ComputerName fe1 | ?{ $_.Status -eq 'Stopped' } | Start-CsWindowsService
