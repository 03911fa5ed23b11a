// registrations/registration.hpp: what a homeserver must be told about us (AS-API "Registration"). Pure.
#pragma once
