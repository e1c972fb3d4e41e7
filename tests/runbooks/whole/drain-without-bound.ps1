param([string[]] $Servers)
foreach ($s in $Servers)
{
	Stop-CsWindowsService -ComputerName $s -Graceful -NoWait
	While (@(Get-CsWindowsService -ComputerName $s | where {$_.Status -ne "Stopped"}).Count -gt 0)
	{
		"still draining on $s"
		Sleep 30
	}
	Start-CsWindowsService -ComputerName $s
}
