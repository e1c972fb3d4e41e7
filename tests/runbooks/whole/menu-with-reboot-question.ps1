# asks for every server whether it has to be restarted
$Pool = Read-Host "Pool FQDN"
$servers = Get-CsPool $Pool | Select-Object -ExpandProperty Computers
ForEach ($s in $servers) {
  Invoke-CsComputerFailOver -ComputerName $s -Verbose -Confirm:$false
  & "\\files\cu\SkypeServerUpdateInstaller.exe"
  switch (Read-Host "Reboot $s (y/n)?") {
    'y' { Restart-Computer $s -Wait -Force; Invoke-CsComputerFailBack $s -Confirm:$false }
    'n' { Write-Host "ok, next"; continue }
    default { Write-Warning "I take that for a no" }
  }
}
