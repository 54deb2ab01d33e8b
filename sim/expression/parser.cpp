// SPDX-License-Identifier: Apache-2.0
// A function for each line of the grammar; numbers and conditions are told apart here.
#include "sim/expression/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "model/base/did_you_mean.h"
#include "sim/expression/tokens.h"

namespace systole::expression {
namespace {

using Tree = std::shared_ptr<const Node>;

constexpr int kDeepest = 100;  // parentheses, minus signs, nots

const std::map<std::string, Operation> kComparisons = {
    {"<", Operation::kLess},          {"<=", Operation::kLessEqual}, {">", Operation::kGreater},
    {">=", Operation::kGreaterEqual}, {"==", Operation::kEqual},     {"!=", Operation::kNotEqual}};

class Parser {
 public:
  Parser(const std::string& text, const std::vector<std::string>& known)
      : tokens_(split(text)), known_(known) {}

  Tree parse(Kind kind) {
    Tree tree = condition();
    if (next().kind != TokenKind::kEnd)
      fail(tree->is_truth() ? "'and', 'or' or the end" : "an operator or the end");
    return kind == Kind::kTruth ? truth(std::move(tree)) : number(std::move(tree));
  }

 private:
  const Token& next() const { return tokens_[at_]; }
  [[noreturn]] void fail(const std::string& expected) const {
    throw SyntaxError(next().offset, next().shown(), expected);
  }
  bool take(const char* word) {
    if (!next().is(word)) return false;
    ++at_;
    return true;
  }
  void expect(const char* word, const std::string& expected) {
    if (!take(word)) fail(expected);
  }

  static Tree number(Tree tree) {
    if (tree->is_truth()) throw SyntaxError(tree->begin, "a condition", "a number");
    return tree;
  }
  static Tree truth(Tree tree) {
    if (!tree->is_truth())
      throw SyntaxError(tree->begin, "a number", "a condition, such as a comparison with <=");
    return tree;
  }
  Tree made(Operation operation, size_t begin, std::vector<Tree> of) const {
    Node node;
    node.operation = operation;
    node.of = std::move(of);
    node.begin = begin;
    const Token& last = tokens_[at_ - 1];
    node.end = last.offset + last.text.size();
    return std::make_shared<const Node>(std::move(node));
  }

  /// One more level of what is nested, which must end somewhere.
  class Deeper {
   public:
    explicit Deeper(Parser& parser) : parser_(parser) {
      if (++parser.depth_ > kDeepest) parser.fail("less that is nested");
    }
    ~Deeper() { --parser_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Parser& parser_;
  };

  Tree condition() {
    const size_t begin = next().offset;
    Tree tree = both();
    while (next().is("or")) {
      truth(tree);
      ++at_;
      Tree other = truth(both());
      tree = made(Operation::kOr, begin, {std::move(tree), std::move(other)});
    }
    return tree;
  }

  Tree both() {
    const size_t begin = next().offset;
    Tree tree = negation();
    while (next().is("and")) {
      truth(tree);
      ++at_;
      Tree other = truth(negation());
      tree = made(Operation::kAnd, begin, {std::move(tree), std::move(other)});
    }
    return tree;
  }

  Tree negation() {
    const size_t begin = next().offset;
    if (!take("not")) return comparison();
    const Deeper deeper(*this);
    return made(Operation::kNot, begin, {truth(negation())});
  }

  Tree comparison() {
    const size_t begin = next().offset;
    Tree tree = sum();
    const auto found = kComparisons.find(next().text);
    if (next().kind != TokenKind::kSign || found == kComparisons.end()) return tree;
    number(tree);
    ++at_;
    Tree other = number(sum());
    return made(found->second, begin, {std::move(tree), std::move(other)});
  }

  Tree sum() {
    const size_t begin = next().offset;
    Tree tree = product();
    while (next().is("+") || next().is("-")) {
      number(tree);
      const Operation operation = take("+") ? Operation::kAdd : Operation::kSubtract;
      if (operation == Operation::kSubtract) ++at_;
      Tree other = number(product());
      tree = made(operation, begin, {std::move(tree), std::move(other)});
    }
    return tree;
  }

  Tree product() {
    const size_t begin = next().offset;
    Tree tree = factor();
    while (next().is("*") || next().is("/")) {
      number(tree);
      const Operation operation = take("*") ? Operation::kMultiply : Operation::kDivide;
      if (operation == Operation::kDivide) ++at_;
      Tree other = number(factor());
      tree = made(operation, begin, {std::move(tree), std::move(other)});
    }
    return tree;
  }

  Tree factor() {
    const Deeper deeper(*this);
    const size_t begin = next().offset;
    if (take("-")) return made(Operation::kNegate, begin, {number(factor())});
    if (take("(")) {
      Tree tree = condition();
      expect(")", "')'");
      Node bracketed = *tree;  // with its brackets
      bracketed.begin = begin;
      bracketed.end = tokens_[at_ - 1].offset + 1;
      return std::make_shared<const Node>(std::move(bracketed));
    }
    if (next().is("min") || next().is("max")) return extreme();
    if (next().kind == TokenKind::kNumber) return literal();
    const bool word = next().is("and") || next().is("or") || next().is("not");
    if (next().kind == TokenKind::kName && !word) return key();
    fail("a number or a key");
  }

  Tree extreme() {
    const size_t begin = next().offset;
    const Operation operation = next().is("min") ? Operation::kMin : Operation::kMax;
    ++at_;
    expect("(", "'('");
    std::vector<Tree> of = {number(sum())};
    while (take(",")) of.push_back(number(sum()));
    expect(")", "',' or ')'");
    return made(operation, begin, std::move(of));
  }

  Tree literal() {
    Node node;
    const std::string& text = next().text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), node.number);
    if (error != std::errc() || end != text.data() + text.size()) fail("a number");
    node.begin = next().offset;
    node.end = node.begin + text.size();
    ++at_;
    return std::make_shared<const Node>(std::move(node));
  }

  Tree key() {
    Node node;
    node.operation = Operation::kKey;
    node.key = next().text;
    if (std::find(known_.begin(), known_.end(), node.key) == known_.end())
      fail("a key" + did_you_mean(node.key, known_));
    node.begin = next().offset;
    node.end = node.begin + node.key.size();
    ++at_;
    return std::make_shared<const Node>(std::move(node));
  }

  const std::vector<Token> tokens_;
  const std::vector<std::string>& known_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::shared_ptr<const Node> parse_tree(const std::string& text, Kind kind,
                                       const std::vector<std::string>& known) {
  return Parser(text, known).parse(kind);
}

}  // namespace systole::expression
