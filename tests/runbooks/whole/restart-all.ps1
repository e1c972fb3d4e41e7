Get-CsPool -Identity pool1 | Select -Expand Computers | ForEach-Object { Restart-Computer -ComputerName $_ -Force }
