do {
    Start-Sleep -Seconds 60
    $state = Get-CsPoolUpgradeReadinessState -PoolFqdn se1
} until ($state.State -eq 'Ready')
