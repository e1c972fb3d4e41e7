# Two functions that are called by hand.
function Start-FrontEndMaintenance {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [Alias('Server')] [string] $ComputerName)
    process {
        Write-Verbose "taking $ComputerName out"
        Invoke-CsComputerFailOver -ComputerName $ComputerName -Confirm:$false
    }
}
function Stop-FrontEndMaintenance {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [Alias('Server')] [string] $ComputerName)
    process { Invoke-CsComputerFailBack -ComputerName $ComputerName -Confirm:$false }
}
Export-ModuleMember -Function *-FrontEndMaintenance
