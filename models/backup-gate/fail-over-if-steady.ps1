# Nothing is failed over whose copy on the other side is not steady.
$backup = Get-CsBackupServiceStatus -PoolFqdn pool1
if ($backup.OverallExportStatus -ne 'SteadyState') {
    Write-Error "The backup of pool1 is $($backup.OverallExportStatus)"
    exit 1
}
Invoke-CsPoolFailOver -PoolFqdn pool1 -ErrorAction Stop
