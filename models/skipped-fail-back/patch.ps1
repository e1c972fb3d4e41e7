param([Parameter(Mandatory)] [string] $PoolFqdn)

foreach ($server in (Get-CsPool -Identity $PoolFqdn).Computers) {
    Invoke-CsComputerFailOver -ComputerName $server -Confirm:$false
    Invoke-Command -ComputerName $server -ScriptBlock { .\SkypeServerUpdateInstaller.exe /silentmode }

    $answer = Read-Host "Does $server ask for a reboot? (y/n)"
    if ($answer -ne 'y') {
        Write-Host "$server needs no reboot"
        continue
    }
    Restart-Computer -ComputerName $server -Wait -For PowerShell -Force
    Invoke-CsComputerFailBack -ComputerName $server -Confirm:$false
}
