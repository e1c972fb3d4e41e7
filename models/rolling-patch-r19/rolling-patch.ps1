# A rolling patch with the defects of a published one, written for this scenario.
param([Parameter(Mandatory)] [string] $Pool)

$frontEnds = Get-CsComputer -Pool $Pool

foreach ($frontEnd in $frontEnds) {
    $name = $frontEnd.Fqdn

    # Nobody looks whether this worked.
    Invoke-CsComputerFailOver -ComputerName $name -Confirm:$false

    Invoke-Command -ComputerName $name -ScriptBlock {
        .\SkypeServerUpdateInstaller.exe /silentmode
        # Set on the remote machine; here it stays empty.
        $rebootNeeded = $true
    }

    if ($rebootNeeded) {
        Restart-Computer -ComputerName $name -Wait -For PowerShell -Force
    }
    else {
        Write-Output "$name needs no reboot"
        continue
    }

    Invoke-CsComputerFailBack -ComputerName $name -Confirm:$false
}
