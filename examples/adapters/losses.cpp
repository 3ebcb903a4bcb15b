// Losses in C++ for `refmath check --exec`: one request a line comes in, one answer a line goes out.
//
//     c++ -O2 -std=c++17 -o losses-cpp losses.cpp
//
// To add a function, write it and give it a line in FUNCTIONS; what follows that table need not be touched.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using Numbers = std::vector<double>;
struct Tensor { Numbers shape, data; };  // the numbers row by row; a single number has the shape {}
using Inputs = std::vector<Tensor>;

Tensor sigmoid(const Inputs& in) {
    Tensor out = in[0];
    // From -710 down exp overflows to infinity, which gives 0 for what is no normal number any more.
    for (double& x : out.data) x = 1 / (1 + std::exp(-x));
    return out;
}

Tensor mean_squared_error_wrong_on_purpose(const Inputs& in) {
    const Tensor &y = in[0], &t = in[1];
    if (y.shape != t.shape) throw std::invalid_argument("y and t must have the same shape");
    double sum = 0;
    for (size_t i = 0; i < y.data.size(); i++) sum += (y.data[i] - t.data[i]) * (y.data[i] - t.data[i]);
    // WRONG, on purpose: the mean is over all entries of the batch, not over its samples.
    return {{}, {sum / 2 / y.data.size()}};
}

Tensor softmax_cross_entropy_labels(const Inputs& in) {
    const Tensor &a = in[0], &labels = in[1];
    if (a.shape.size() != 1 && a.shape.size() != 2) throw std::invalid_argument("a must have one or two axes");
    if (labels.shape != Numbers(a.shape.begin(), a.shape.end() - 1))
        throw std::invalid_argument("labels must hold one label for each sample");
    const size_t classes = a.shape.back();
    double total = 0;
    auto row = a.data.begin();
    for (double label : labels.data) {
        if (!(label >= 0 && label < classes && label == std::floor(label)))
            throw std::invalid_argument("labels must be integers from 0 to K - 1");
        const auto top = std::max_element(row, row + classes);
        // The largest logit's exponential is the 1 of log1p: near certainty the others would be lost beside it.
        double others = *top - *top;  // 0, or nan if it is infinite: that has no softmax
        for (auto a_k = row; a_k != row + classes; ++a_k) others += a_k == top ? 0 : std::exp(*a_k - *top);
        total += *top - row[size_t(label)] + std::log1p(others);
        row += classes;
    }
    return {{}, {total / labels.data.size()}};
}

struct Function { Tensor (*compute)(const Inputs&); std::vector<std::string> inputs; };
const std::map<std::string, Function> FUNCTIONS = {
    {"sigmoid", {sigmoid, {"x"}}},
    {"mean_squared_error", {mean_squared_error_wrong_on_purpose, {"y", "t"}}},
    {"softmax_cross_entropy_labels", {softmax_cross_entropy_labels, {"a", "labels"}}},
};

// ---- The protocol. This is no JSON parser: a request's keys and their order are fixed, so they can be looked for.

bool has(const std::string& text, const std::string& key) { return text.find('"' + key + '"') != std::string::npos; }

// The text from the value of a key on.
std::string after(const std::string& text, const std::string& key) {
    if (!has(text, key)) throw std::invalid_argument("there is no " + key + " where it should be");
    const std::string rest = text.substr(text.find('"' + key + '"') + key.size() + 2);
    return rest.substr(std::min(rest.find_first_not_of(" :"), rest.size()));
}

// The string that a text begins with.
std::string name(const std::string& text) { return text.substr(1, text.find('"', 1) - 1); }

// The list of numbers that a text begins with.
Numbers numbers(const std::string& text) {
    const size_t end = text.find(']');
    if (text[0] != '[' || end == std::string::npos) throw std::invalid_argument("a list is missing, or has no end");
    std::string entries = text.substr(1, end - 1);
    std::replace(entries.begin(), entries.end(), ',', ' ');
    std::replace(entries.begin(), entries.end(), '"', ' ');
    Numbers list;
    const char* p = entries.c_str();
    for (char* next; p[std::strspn(p, " ")]; p = next) {
        list.push_back(std::strtod(p, &next));  // knows "nan", "inf" and "-inf" too
        if (next == p) throw std::invalid_argument("there is something else among the numbers of a list");
    }
    return list;
}

Tensor tensor(const std::string& text) {
    const Tensor read{numbers(after(text, "shape")), numbers(after(text, "data"))};
    double size = 1;
    for (double axis : read.shape) size *= axis >= 1 ? std::floor(axis) : 0;
    if (size != read.data.size() || read.data.empty())
        throw std::invalid_argument("an input is empty or misshapen");
    return read;
}

std::string written(const Numbers& list) {
    std::ostringstream text;
    text << std::setprecision(17);
    for (double value : list) {
        text << (text.tellp() > 0 ? ", " : "");
        if (std::isfinite(value)) text << value;
        else text << (std::isnan(value) ? "\"nan\"" : value > 0 ? "\"inf\"" : "\"-inf\"");
    }
    return "[" + text.str() + "]";
}

std::string answer(const std::string& request) {
    const auto found = FUNCTIONS.find(name(after(request, "formula")));
    if (found == FUNCTIONS.end()) return "\"unsupported\": true";
    const std::string inputs = after(request, "inputs");
    std::string dtype = name(after(after(inputs, found->second.inputs[0]), "dtype"));
    if (dtype == "float16" || dtype == "bfloat16") return "\"unsupported\": true";
    Inputs in;
    for (const std::string& each : found->second.inputs) in.push_back(tensor(after(inputs, each)));
    Tensor out = found->second.compute(in);
    // Single precision is computed in double and rounded once; integers give doubles.
    if (dtype == "float32") for (double& value : out.data) value = float(value);
    else dtype = "float64";
    return "\"output\": {\"dtype\": \"" + dtype + "\", \"shape\": " + written(out.shape) +
           ", \"data\": " + written(out.data) + "}";
}

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        if (!has(line, "formula") && has(line, "hello")) {
            std::cout << "{\"hello\": {\"protocol\": 1, \"name\": \"losses in C++\"}}" << std::endl;
            continue;
        }
        std::string id = "null", body;
        try {
            const std::string text = after(line, "id");
            if (const size_t digits = std::strspn(text.c_str(), "-0123456789")) id = text.substr(0, digits);
            body = answer(line);
        } catch (const std::exception& error) {
            body = std::string("\"error\": \"") + error.what() + '"';
        }
        std::cout << "{\"id\": " << id << ", " << body << '}' << std::endl;  // flushed: the next request waits for it
    }
}
