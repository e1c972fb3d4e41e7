# Takes one server out if the pool says that it is ready.
param([Parameter(Mandatory)] [string] $Server)

do {
    Start-Sleep -Seconds 60
    $readiness = Invoke-Command -ComputerName $Server -ScriptBlock { Get-CsPoolUpgradeReadinessState }
} until ($readiness.State -eq 'Ready')
Invoke-CsComputerFailOver -ComputerName $Server -Confirm:$false
Start-Sleep -Seconds 600
Invoke-CsComputerFailBack -ComputerName $Server -Confirm:$false
