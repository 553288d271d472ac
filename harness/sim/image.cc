#include "harness/sim/image.h"

#include <algorithm>

#include "lib/os/paths.h"

namespace rollproof::sim {
namespace {

bool before(const Entry& entry, std::string_view name) { return entry.name->text < name; }

// The tree with `leaf` (null: nothing) at `path` from `position` on.
NodePtr replaced(const Node* old, std::string_view path, size_t position, const NodePtr& leaf) {
  const std::string_view name = next_component(path, position);
  if (name.empty()) return leaf;
  auto copy = std::make_shared<Node>();
  copy->directory = true;
  if (old != nullptr && old->directory) copy->entries = old->entries;
  auto at = std::lower_bound(copy->entries.begin(), copy->entries.end(), name, before);
  const bool there = at != copy->entries.end() && at->name->text == name;
  NodePtr child = replaced(there ? at->node.get() : nullptr, path, position, leaf);
  if (!child) {
    if (there) copy->entries.erase(at);
  } else if (there) {
    at->node = std::move(child);
  } else {
    copy->entries.insert(at, Entry{std::make_shared<EntryName>(name), std::move(child)});
  }
  return copy;
}

Result<NodePtr> loaded(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const os::Info info, files.stat(path));
  if (info.link || info.kind == os::Kind::other) return fail(Code::invalid, "neither a file nor a directory", path);
  auto node = std::make_shared<Node>();
  if (info.kind == os::Kind::file) {
    ROLLPROOF_ASSIGN(const std::string bytes, os::read_file(files, path));
    node->content = Content(bytes);
    return NodePtr(node);
  }
  node->directory = true;
  ROLLPROOF_ASSIGN(const auto names, files.list(path));
  for (const std::string& name : names) {
    ROLLPROOF_ASSIGN(NodePtr child, loaded(files, os::join(path, name)));
    node->entries.push_back(Entry{std::make_shared<EntryName>(name), std::move(child)});
  }
  return NodePtr(node);
}

Status stored(os::FileSystem& files, const Node& node, const std::string& path) {
  if (!node.directory) {
    ROLLPROOF_ASSIGN(auto file, files.create(path));
    ROLLPROOF_TRY(file->write_at(0, node.content.text()));
    return file->close();
  }
  if (auto made = files.make_directory(path); !made && made.error().code != Code::already_exists) return made;
  for (const Entry& entry : node.entries) ROLLPROOF_TRY(stored(files, *entry.node, os::join(path, entry.name->text)));
  return {};
}

void collect(const Node& node, const std::string& path, std::vector<std::string>& found) {
  for (const Entry& entry : node.entries) {
    const std::string below = os::join(path, entry.name->text);
    if (entry.node->directory) {
      collect(*entry.node, below, found);
    } else {
      found.push_back(below);
    }
  }
}

void describe(const Node& node, const std::string& path, std::string& out) {
  if (node.directory) out += path + "/\n";
  for (const Entry& entry : node.entries) {
    const std::string below = os::join(path, entry.name->text);
    if (entry.node->directory) {
      describe(*entry.node, below, out);
      continue;
    }
    std::string start(24, '\0');
    start.resize(entry.node->content.read(0, start));
    for (char& c : start) c = c >= ' ' && c <= '~' ? c : '.';
    out += below + " " + std::to_string(entry.node->content.size()) + " " + start + "\n";
  }
}

}  // namespace

EntryName::EntryName(std::string_view name) : text(name), digest(digest_of(name)) {}

const Digest128& Node::digest() const {
  if (digested_) return digest_;
  if (!directory) {
    digest_ = content.digest();
  } else {
    Digest128 sum{0x6469726563746f72ULL, 0x79};
    for (const Entry& entry : entries) {
      const Digest128& child = entry.node->digest();
      sum.high += scramble(entry.name->digest.high ^ scramble(child.high + (entry.node->directory ? 1 : 0)));
      sum.low += scramble(entry.name->digest.low + scramble(child.low));
    }
    digest_ = {scramble(sum.high), scramble(sum.low + entries.size())};
  }
  digested_ = true;
  return digest_;
}

const Entry* Node::find(std::string_view name) const {
  const auto at = std::lower_bound(entries.begin(), entries.end(), name, before);
  return at != entries.end() && at->name->text == name ? &*at : nullptr;
}

std::string_view next_component(std::string_view path, size_t& position) {
  while (position < path.size()) {
    size_t end = path.find('/', position);
    if (end == std::string_view::npos) end = path.size();
    const std::string_view part = path.substr(position, end - position);
    position = end + 1;
    if (!part.empty() && part != ".") return part;
  }
  return {};
}

Image::Image() {
  auto root = std::make_shared<Node>();
  root->directory = true;
  root_ = std::move(root);
}

Result<Image> Image::load(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(NodePtr root, loaded(files, path));
  if (!root->directory) return fail(Code::invalid, "not a directory", path);
  return Image(std::move(root));
}

Status Image::write_to(os::FileSystem& files, const std::string& path) const { return stored(files, *root_, path); }

const Node* Image::find(std::string_view path) const {
  const Node* node = root_.get();
  size_t position = 0;
  for (;;) {
    const std::string_view name = next_component(path, position);
    if (name.empty()) return node;
    if (!node->directory) return nullptr;
    const Entry* entry = node->find(name);
    if (entry == nullptr) return nullptr;
    node = entry->node.get();
  }
}

Result<std::string> Image::read(std::string_view path) const {
  const Node* node = find(path);
  if (node == nullptr) return fail(Code::not_found, "not in the image", std::string(path));
  if (node->directory) return fail(Code::io, "a directory", std::string(path));
  return node->content.text();
}

std::vector<std::string> Image::files() const {
  std::vector<std::string> found;
  collect(*root_, "", found);
  return found;
}

Image& Image::put(std::string_view path, std::string_view bytes) { return put(path, Content(bytes)); }

Image& Image::put(std::string_view path, Content content) {
  auto leaf = std::make_shared<Node>();
  leaf->content = std::move(content);
  root_ = replaced(root_.get(), path, 0, leaf);
  return *this;
}

Image& Image::make_directory(std::string_view path) {
  if (const Node* node = find(path); node != nullptr && node->directory) return *this;
  auto leaf = std::make_shared<Node>();
  leaf->directory = true;
  root_ = replaced(root_.get(), path, 0, leaf);
  return *this;
}

Image& Image::remove(std::string_view path) {
  if (exists(path)) root_ = replaced(root_.get(), path, 0, nullptr);
  return *this;
}

Image& Image::take(std::string_view path, const Image& from) {
  NodePtr node = from.root_;
  size_t position = 0;
  for (std::string_view name = next_component(path, position); !name.empty(); name = next_component(path, position)) {
    const Entry* entry = node->directory ? node->find(name) : nullptr;
    if (entry == nullptr) return remove(path);
    node = entry->node;
  }
  root_ = replaced(root_.get(), path, 0, node);
  return *this;
}

std::string Image::to_string() const {
  std::string out;
  describe(*root_, "", out);
  return out;
}

}  // namespace rollproof::sim
