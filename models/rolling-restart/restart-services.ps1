param([Parameter(Mandatory)] [string] $Pool)

foreach ($frontEnd in Get-CsComputer -Pool $Pool) {
    Stop-CsWindowsService -ComputerName $frontEnd.Fqdn | Out-Null
    Start-CsWindowsService -ComputerName $frontEnd.Fqdn -NoWait | Out-Null
}
