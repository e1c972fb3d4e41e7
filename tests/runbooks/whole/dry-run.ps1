param([switch] $Real)
foreach ($c in (Get-CsPool pool1).Computers) {
    if ($Real) { Invoke-CsComputerFailOver $c -Force -Confirm:$false } else { Invoke-CsComputerFailOver $c -Force -WhatIf }
}
