If ((Get-CsPoolUpgradeReadinessState).State -ne "Ready") { Write-Host "not ready"; Return }
$all = (Get-CsPool "pool1").Computers
$all | % {
    Restart-Computer -ComputerName $_ -Wait -Force
    Write-Host "$_ is back"
}
