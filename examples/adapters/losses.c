/* Losses in C for `refmath check --exec`: one request a line comes in, one answer a line goes out.
 *
 *     cc -O2 -o losses-c losses.c -lm
 *
 * To add a function, write it and give it a line in FUNCTIONS; what follows that table need not be touched.
 */
#define _POSIX_C_SOURCE 200809L /* getline */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    long rank, size; /* how many axes, how many entries: 0 and 1 for a single number */
    double *shape, *data;
} Tensor;

/* A function fills `out`, which comes with the shape of the first input. It returns NULL, or what is wrong. */
typedef const char *Function(const Tensor *in, Tensor *out);

static const char *sigmoid(const Tensor *x, Tensor *out) {
    /* From -710 down exp overflows to infinity, which gives 0 for what is no normal number any more. */
    for (long i = 0; i < x->size; i++) out->data[i] = 1 / (1 + exp(-x->data[i]));
    return NULL;
}

static const char *softmax_wrong_on_purpose(const Tensor *a, Tensor *out) {
    if (a->rank != 1 && a->rank != 2) return "a must have one or two axes";
    long classes = a->shape[a->rank - 1];
    for (long i = 0; i < a->size; i += classes) {
        double sum = 0;
        /* WRONG, on purpose: the largest logit is not subtracted first, so that exp overflows from 710 on. */
        for (long k = i; k < i + classes; k++) sum += out->data[k] = exp(a->data[k]);
        for (long k = i; k < i + classes; k++) out->data[k] /= sum;
    }
    return NULL;
}

static const char *softmax_cross_entropy_labels(const Tensor *in, Tensor *out) {
    const Tensor *a = &in[0], *labels = &in[1];
    if (a->rank != 1 && a->rank != 2) return "a must have one or two axes";
    long classes = a->shape[a->rank - 1], samples = a->size / classes;
    if (labels->rank != a->rank - 1 || labels->size != samples) return "labels must hold one label for each sample";
    double total = 0;
    for (long n = 0; n < samples; n++) {
        const double *row = a->data + n * classes, label = labels->data[n];
        if (!(label >= 0 && label < classes && label == floor(label))) return "labels must be integers from 0 to K - 1";
        long top = 0;
        for (long k = 1; k < classes; k++) top = row[k] > row[top] ? k : top;
        /* The largest logit's exponential is the 1 of log1p: near certainty the others would be lost beside it. */
        double others = row[top] - row[top]; /* 0, or nan if it is infinite: that has no softmax */
        for (long k = 0; k < classes; k++) others += k == top ? 0 : exp(row[k] - row[top]);
        total += row[top] - row[(long)label] + log1p(others);
    }
    out->rank = 0, out->size = 1, out->data[0] = total / samples;
    return NULL;
}

static const struct { const char *name, *inputs[2]; Function *function; } FUNCTIONS[] = {
    {"sigmoid", {"x"}, sigmoid},
    {"softmax", {"a"}, softmax_wrong_on_purpose},
    {"softmax_cross_entropy_labels", {"a", "labels"}, softmax_cross_entropy_labels},
};

/* ---- The protocol. This is no JSON parser: a request's keys and their order are fixed, so they can be looked for. */

/* The first value of a key from p on, or NULL. */
static const char *find(const char *p, const char *key) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", key);
    if (!p || !(p = strstr(p, quoted))) return NULL;
    p += strlen(quoted);
    return p + strspn(p, " :");
}

static int is(const char *p, const char *text) {
    return p && *p == '"' && !strncmp(p + 1, text, strlen(text)) && p[strlen(text) + 1] == '"';
}

/* The numbers of a list, and how many they are, or NULL. strtod knows "nan", "inf" and "-inf" too. */
static double *numbers(const char *p, long *count) {
    double *list = p && *p == '[' ? malloc((strlen(p) / 2 + 1) * sizeof *list) : NULL; /* "1," is two characters */
    if (!list || p[1] == ']') return list;
    do {
        char *end;
        p += 1 + strspn(p + 1, " \"");
        list[(*count)++] = strtod(p, &end);
        p = end == p ? "" : end + strspn(end, " \"");
    } while (*p == ',');
    if (*p == ']') return list;
    free(list);
    return NULL;
}

static int read_tensor(const char *p, Tensor *tensor) {
    tensor->shape = numbers(find(p, "shape"), &tensor->rank);
    tensor->data = numbers(find(p, "data"), &tensor->size);
    if (!tensor->shape || !tensor->data || !tensor->size) return 0;
    double size = 1;
    for (long i = 0; i < tensor->rank; i++) size *= tensor->shape[i] >= 1 ? floor(tensor->shape[i]) : 0;
    return size == tensor->size;
}

static void write_tensor(const Tensor *tensor, int single) {
    printf("\"output\": {\"dtype\": \"%s\", \"shape\": [", single ? "float32" : "float64");
    for (long i = 0; i < tensor->rank; i++) printf("%s%.0f", i ? ", " : "", tensor->shape[i]);
    printf("], \"data\": [");
    for (long i = 0; i < tensor->size; i++) {
        double value = single ? (float)tensor->data[i] : tensor->data[i];
        const char *quote = isfinite(value) ? "" : "\"";
        printf("%s%s%.17g%s", i ? ", " : "", quote, isnan(value) ? NAN : value, quote); /* never "-nan" */
    }
    printf("]}}\n");
}

/* Calls the function on its inputs; gives NULL, or what was wrong. */
static const char *compute(size_t f, const char *inputs, Tensor *in, Tensor *out) {
    for (int i = 0; i < 2 && FUNCTIONS[f].inputs[i]; i++)
        if (!read_tensor(find(inputs, FUNCTIONS[f].inputs[i]), &in[i])) return "an input is missing or misshapen";
    *out = in[0];
    out->data = malloc(out->size * sizeof *out->data);
    return out->data ? FUNCTIONS[f].function(in, out) : "out of memory";
}

static void answer(const char *line) {
    const char *id = find(line, "id"), *formula = find(line, "formula"), *inputs = find(line, "inputs");
    if (!formula && find(line, "hello")) {
        printf("{\"hello\": {\"protocol\": 1, \"name\": \"losses in C\"}}\n");
        return;
    }
    int digits = id ? strspn(id, "-0123456789") : 0;
    printf("{\"id\": %.*s, ", digits ? digits : 4, digits ? id : "null");
    size_t f = 0, count = sizeof FUNCTIONS / sizeof *FUNCTIONS;
    while (f < count && !is(formula, FUNCTIONS[f].name)) f++;
    const char *dtype = f < count ? find(find(inputs, FUNCTIONS[f].inputs[0]), "dtype") : NULL;
    if (!formula || !inputs) {
        printf("\"error\": \"this is no request\"}\n");
    } else if (f == count || is(dtype, "float16") || is(dtype, "bfloat16")) {
        printf("\"unsupported\": true}\n");
    } else {
        Tensor in[2] = {{0}}, out = {0};
        const char *wrong = compute(f, inputs, in, &out);
        if (wrong) printf("\"error\": \"%s\"}\n", wrong);
        else write_tensor(&out, is(dtype, "float32"));
        for (int i = 0; i < 2; i++) free(in[i].shape), free(in[i].data);
        free(out.data);
    }
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        answer(line);
        fflush(stdout); /* the next request comes only after this answer */
    }
    free(line);
}
