$ErrorActionPreference = "Stop"
$server = "fe1"
Stop-CsWindowsService -ComputerName $server
Invoke-Command -ComputerName $server -ScriptBlock {
    $p = Start-Process msiexec.exe -ArgumentList "/p","C:\CU\Server.msp","/qn" -Wait -PassThru
    if ($p.ExitCode -ne 0) { throw "installer failed with $($p.ExitCode)" }
}
Restart-Service -Name RTCCLSAGT
Start-CsWindowsService -ComputerName $server
