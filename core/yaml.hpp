// core/yaml.hpp: YAML as a small tree of values that know their line, for files that a human wrote:
// configuration and registration. Blocking, for the start of the program. Errors: config_error "file:line:
// what". A key given twice, more than 32 levels, more than 10,000 values (an alias bomb) are refused. The
// only file that knows the library is yaml.cpp.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rialto::yaml {

struct node
{
    enum class shape
    {
        nothing,
        scalar,
        list,
        map
    };

    shape is = shape::nothing;  // nothing: no value, ~ or null
    int line = 0;               // from 1
    std::string scalar;
    bool quoted = false;  // then "true" and "1" are texts
    std::vector<node> items;
    std::vector<std::pair<node, node>> entries;  // in the order of the file; keys are scalars

    node() = default;
    const node* find(std::string_view key) const;  // of a map, else nullptr
};

node parsed(const std::string& text, const std::string& file);  // `file` is for messages

std::string quoted(std::string_view text);  // as a double-quoted scalar, for writing

}  // namespace rialto::yaml
