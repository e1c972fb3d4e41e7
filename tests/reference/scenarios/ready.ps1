do {
    Start-Sleep -Seconds 60
    $readiness = Get-CsPoolUpgradeReadinessState
} until ($readiness.State -eq 'Ready')
