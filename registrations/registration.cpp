#include "registrations/registration.hpp"
