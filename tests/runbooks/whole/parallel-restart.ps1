$jobs = foreach ($fe in 'fe1', 'fe2') {
    Start-Job -Name "restart $fe" -ScriptBlock { param($name) Restart-Computer -ComputerName $name -Force -Wait } -ArgumentList $fe
}
$jobs | Wait-Job | Out-Null
Restart-Computer fe3 -Wait
