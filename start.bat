@echo off
rem Start Flow Synth Live on Windows: the server, and its page in your browser. Double-click this file.
rem
rem The first start fetches what is missing into the folder .play beside this file. Delete that folder, and all of it
rem is gone. Later starts need no network.
rem
rem   start.bat --devices    first copies the devices into Ableton Live's User Library
rem   start.bat FLAGS        passes the flags on to run_server.py; --help lists them
rem
rem There are no brackets around commands here: a folder such as "Music (old)" would close them.
setlocal DisableDelayedExpansion
cd /d "%~dp0" || goto :unreachable
set "PLAY=%~dp0.play"
set "PYTHON=%PLAY%\venv\Scripts\python.exe"
set "DEVICES="
if "%~1"=="--devices" set "DEVICES=yes"

fc /b requirements-play.txt "%PLAY%\venv\requirements-play.txt" >nul 2>&1 || goto :install
rem A folder that was moved leaves links to nowhere.
"%PYTHON%" -c "" >nul 2>&1 || goto :install
goto :start

:install
echo This is the first start, or the program has changed. What is missing is fetched into
echo "%PLAY%"
if not exist "%PLAY%" mkdir "%PLAY%" || goto :unwritable
set "UV=uv"
where uv >nul 2>&1 && goto :packages
set "UV=%PLAY%\uv\uv.exe"
if exist "%UV%" goto :packages
echo Step 1 of 3: fetching uv, the program that installs the rest (20 MB).
set "UV_UNMANAGED_INSTALL=%PLAY%\uv"
powershell -NoProfile -ExecutionPolicy Bypass -Command "irm https://astral.sh/uv/install.ps1 | iex" >nul
if not exist "%UV%" goto :no_uv

:packages
rem Python, too, stays inside the folder. The cache is only there to go on after a broken download.
set "UV_PYTHON_INSTALL_DIR=%PLAY%\python"
set "UV_CACHE_DIR=%PLAY%\cache"
echo Step 2 of 3: fetching Python, if yours does not fit, and what playing needs (190 MB).
if exist "%PLAY%\venv" rmdir /s /q "%PLAY%\venv"
"%UV%" venv --quiet --python ">=3.11,<3.13" "%PLAY%\venv" || goto :no_packages
"%UV%" pip install --python "%PYTHON%" --requirements requirements-play.txt || goto :no_packages
rmdir /s /q "%PLAY%\cache"
copy /y requirements-play.txt "%PLAY%\venv\requirements-play.txt" >nul
if not defined DEVICES "%PYTHON%" -m max4live.user_library --ask
echo Step 3 of 3: starting. Next time, this is the only step.

:start
if not defined DEVICES goto :serve
"%PYTHON%" -m max4live.user_library || goto :stopped

:serve
echo The page opens in your browser. Keep this window open; Ctrl-C stops the program.
if defined DEVICES goto :serve_rest
"%PYTHON%" run_server.py --panel --open %* || goto :stopped
exit /b 0

:serve_rest
rem %* still begins with --devices; SHIFT does not change it.
set "REST=%*"
set "REST=%REST:*--devices=%"
"%PYTHON%" run_server.py --panel --open %REST% || goto :stopped
exit /b 0

:unreachable
echo That did not work: this folder cannot be opened. Copy it onto this computer and start again.
goto :stopped
:unwritable
echo That did not work: this folder cannot be written. Move it into your Documents and start again.
goto :stopped
:no_uv
echo That did not work: uv did not arrive. Connect to the internet and start again, or install uv yourself.
goto :stopped
:no_packages
echo That did not work: the lines above say why. Connect to the internet and start again; what has arrived is kept.
:stopped
pause
exit /b 1
