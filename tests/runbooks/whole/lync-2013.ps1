$busy = 0
foreach ($fe in 'fe2', 'fe3') {
    do {
        $state = (Get-CsPoolUpgradeReadinessState).State
        if ($state -eq 'InsufficientActiveFrontEnds') { throw 'pool has a problem' }
        if ($state -ne 'Ready') { if (++$busy -ge 3) { exit 2 }; Start-Sleep 600 }
    } until ($state -eq 'Ready')
    Stop-CsWindowsService -ComputerName $fe -Graceful
    Invoke-Command -ComputerName $fe { C:\CU\LyncServerUpdateInstaller.exe /silentmode }
    Start-CsWindowsService -ComputerName $fe
}
