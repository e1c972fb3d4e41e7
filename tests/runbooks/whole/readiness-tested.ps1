param($Pool = 'pool1')
$others = Get-CsComputer -Pool $Pool | Sort-Object Fqdn | Where-Object { $_.Fqdn -notlike "$env:COMPUTERNAME*" }
foreach ($c in $others) {
    do {
        Start-Sleep -Seconds 60
        $readiness = Get-CsPoolUpgradeReadinessState
        Write-Host "$(Get-Date): $($readiness.State)"
    } until ($readiness.State -eq 'READY')
    Restart-Computer -ComputerName $c.Fqdn -Wait -Force
}
