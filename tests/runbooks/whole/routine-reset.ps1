Write-Output "Resetting the registrar of the pool"
Reset-CsPoolRegistrarState -PoolFqdn pool1 -ResetType FullReset -Confirm:$false -Verbose
