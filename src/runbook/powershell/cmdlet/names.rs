//! Short names of cmdlets, and names that have no effect on a pool.

/// Short names of the shell.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("?", "Where-Object"),
    ("where", "Where-Object"),
    ("%", "ForEach-Object"),
    ("foreach", "ForEach-Object"),
    ("select", "Select-Object"),
    ("sort", "Sort-Object"),
    ("gu", "Get-Unique"),
    ("measure", "Measure-Object"),
    ("sls", "Select-String"),
    ("sleep", "Start-Sleep"),
    ("echo", "Write-Output"),
    ("write", "Write-Output"),
    ("tee", "Tee-Object"),
    ("sv", "Set-Variable"),
    ("set", "Set-Variable"),
    ("nv", "New-Variable"),
    ("gv", "Get-Variable"),
    ("gsv", "Get-Service"),
    ("spsv", "Stop-Service"),
    ("sasv", "Start-Service"),
    ("saps", "Start-Process"),
    ("start", "Start-Process"),
    ("icm", "Invoke-Command"),
    ("sajb", "Start-Job"),
    ("wjb", "Wait-Job"),
    ("rcjb", "Receive-Job"),
    ("gjb", "Get-Job"),
    ("spjb", "Stop-Job"),
    ("rjb", "Remove-Job"),
    ("iex", "Invoke-Expression"),
    ("ogv", "Out-GridView"),
    ("sal", "Set-Alias"),
    ("nal", "New-Alias"),
    ("clv", "Clear-Variable"),
    ("rv", "Remove-Variable"),
    ("nsn", "New-PSSession"),
    ("etsn", "Enter-PSSession"),
    ("exsn", "Exit-PSSession"),
    ("tnc", "Test-NetConnection"),
];

/// Names that have no effect on a pool: output, files, the shell itself. A `*` at the end stands for any rest.
pub(super) const HARMLESS: &[&str] = &[
    "Write-*",
    "Out-*",
    "Format-*",
    "Get-*",
    "Test-*",
    "ConvertTo-*",
    "ConvertFrom-*",
    "Export-*",
    "Import-*",
    "Compare-*",
    "Group-Object",
    "Add-Content",
    "Set-Content",
    "Clear-Content",
    "New-Item",
    "Copy-Item",
    "Move-Item",
    "Remove-Item",
    "Rename-Item",
    "Set-Item",
    "Join-Path",
    "Split-Path",
    "Resolve-Path",
    "Push-Location",
    "Pop-Location",
    "Set-Location",
    "Start-Transcript",
    "Stop-Transcript",
    "Add-PSSnapin",
    "Remove-Module",
    "Set-ExecutionPolicy",
    "Set-StrictMode",
    "Send-MailMessage",
    "Clear-Host",
    "Add-Type",
    "New-TimeSpan",
    "Remove-PSSession",
    "Disconnect-PSSession",
    "Wait-Event",
    "Update-Help",
    "Invoke-WebRequest",
    "Invoke-RestMethod",
    "Show-*",
    "Start-BitsTransfer",
    "Expand-Archive",
    "Compress-Archive",
    "Unblock-File",
    "Select-Xml",
    "New-EventLog",
    "Find-*",
    "Search-*",
    "New-Event",
    "Set-PSDebug",
    "Set-PSBreakpoint",
    "Clear-DnsClientCache",
    "New-PSSessionOption",
    "New-PSDrive",
    "Remove-PSDrive",
    "Set-Date",
    "Debug-*",
    "Update-TypeData",
    "Update-FormatData",
    "using",
    "Invoke-CsBackupServiceSync",
    "Invoke-CsManagementStoreReplication",
    "Set-CsWindowsService",
    "gc",
    "cat",
    "type",
    "ls",
    "dir",
    "gci",
    "cd",
    "chdir",
    "sl",
    "pwd",
    "gl",
    "pushd",
    "popd",
    "cls",
    "clear",
    "cp",
    "copy",
    "mv",
    "move",
    "rm",
    "del",
    "ri",
    "md",
    "mkdir",
    "ni",
    "ft",
    "fl",
    "fw",
    "oh",
    "gm",
    "gps",
    "ps",
    "ipmo",
    "h",
    "history",
    "man",
    "help",
    "diff",
    "compare",
    "group",
    "gwmi",
    "gcim",
    "gal",
    "asnp",
    "epcsv",
    "ipcsv",
    "iwr",
    "curl",
    "wget",
];

/// Whether a command without an effect on a pool gives no output either.
pub(super) fn is_silent(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let shows = ["write-", "out-", "format-", "export-", "show-"].iter().any(|start| name.starts_with(start));
    shows
        || matches!(
            name.as_str(),
            "add-content"
                | "set-content"
                | "clear-content"
                | "copy-item"
                | "move-item"
                | "remove-item"
                | "rename-item"
                | "set-item"
                | "push-location"
                | "pop-location"
                | "set-location"
                | "import-module"
                | "add-pssnapin"
                | "remove-module"
                | "set-executionpolicy"
                | "set-strictmode"
                | "send-mailmessage"
                | "clear-host"
                | "add-type"
                | "remove-pssession"
                | "update-help"
                | "start-bitstransfer"
                | "expand-archive"
                | "compress-archive"
                | "unblock-file"
                | "new-eventlog"
                | "set-psdebug"
                | "clear-dnsclientcache"
                | "remove-psdrive"
                | "update-typedata"
                | "update-formatdata"
                | "using"
                | "cd"
                | "sl"
                | "pushd"
                | "popd"
                | "cls"
                | "clear"
                | "cp"
                | "copy"
                | "mv"
                | "move"
                | "rm"
                | "del"
                | "ri"
                | "ft"
                | "fl"
                | "fw"
                | "oh"
                | "ipmo"
                | "asnp"
                | "epcsv"
        )
}
