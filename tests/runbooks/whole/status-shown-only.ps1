param($Pool = 'pool1')
$others = Get-CsComputer -Pool $Pool | Sort-Object Fqdn | Where-Object { $_.Fqdn -notlike "$env:COMPUTERNAME*" }
foreach ($c in $others) {
    Write-Host "State of the pool before $($c.Fqdn):" -ForegroundColor Cyan
    Get-CsPoolUpgradeReadinessState | Format-List
    Restart-Computer -ComputerName $c.Fqdn -Wait -Force
}
