foreach ($fe in 'fe1', 'fe2') {
    $job = Start-Job { Restart-Computer -ComputerName $using:fe -Force -Wait }
    Wait-Job $job
    do { Start-Sleep 30 } until ((Get-CsPoolUpgradeReadinessState).State -eq 'Ready')
}
