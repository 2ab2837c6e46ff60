# Signs one file with Authenticode. Tauri's bundler calls it for the programs and for both installers.
# The certificate is in the user's store, named by its thumbprint: no secret comes through here.
param([Parameter(Mandatory = $true)][string]$Path)
$ErrorActionPreference = 'Stop'

if (-not $env:WINDOWS_CERTIFICATE_THUMBPRINT) {
    throw 'WINDOWS_CERTIFICATE_THUMBPRINT names no certificate. For unsigned installers give tauri --no-sign.'
}
$timestamp = if ($env:WINDOWS_TIMESTAMP_URL) { $env:WINDOWS_TIMESTAMP_URL } else { 'http://timestamp.digicert.com' }

$kits = Join-Path ${env:ProgramFiles(x86)} 'Windows Kits\10\bin'
$tools = @(Get-ChildItem -Path "$kits\10.*\x64\signtool.exe" | Sort-Object { [version]$_.Directory.Parent.Name })
if ($tools.Count -eq 0) { throw "There is no signtool.exe below $kits; install the Windows SDK." }

& $tools[-1].FullName sign /sha1 $env:WINDOWS_CERTIFICATE_THUMBPRINT /fd SHA256 /tr $timestamp /td SHA256 /d Latchkey $Path
exit $LASTEXITCODE
