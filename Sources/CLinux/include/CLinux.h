#pragma once
#include "CLinuxSockets.h"
#include "CLinuxProcesses.h"
#include "CLinuxDatagrams.h"
