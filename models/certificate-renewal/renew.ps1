# Scheduled on every front end.
Stop-CsWindowsService -Force
Set-NewCertificate
Start-CsWindowsService
